"""The daemon as the wire sees it; the only floor that knows gRPC."""
