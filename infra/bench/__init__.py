"""`make bench`: the gateway against its peers over the same tables and documents, on one machine."""
