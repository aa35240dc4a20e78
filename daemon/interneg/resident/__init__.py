"""What lives as long as the daemon: loaded models, the queue of jobs, watched folders."""
