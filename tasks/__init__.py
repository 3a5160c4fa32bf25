"""Task specs, one YAML file per dataset."""
