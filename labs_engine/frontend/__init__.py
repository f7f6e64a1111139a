"""JupyterLab as the course's students get it: settings, pairing, start."""
