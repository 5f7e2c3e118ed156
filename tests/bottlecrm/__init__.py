"""The BottleCRM connector, alone and against the real server."""
