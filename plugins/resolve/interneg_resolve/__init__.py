"""Interneg's process beside DaVinci Resolve: reads the current timeline item, has it rendered, places the result."""
