"""The wire: generated code beside its .proto files."""
