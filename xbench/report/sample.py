"""What results on sample data say of themselves wherever they are shown."""

SAMPLE = "Sample data: shows the machinery, not results about real models."
