"""What users write: task specs, their templates and verbalizers, read strictly from YAML."""
