"""The pages of the course: from executed notebooks and the documents to a site, checked before it is shown."""
