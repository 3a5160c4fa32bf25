"""Facts about languages: family, script, and share in the corpora of backbones."""
