"""Kernels that start fast: forked from a process that has loaded the libraries already.

A kernel that loads TensorFlow and librosa anew takes about seven seconds of a core. `fork.kernel_server` starts a
process that loads them once, and `provisioner.ForkingProvisioner`, which Jupyter's client finds by its entry
point, has each kernel forked from it. Where there is no such process, or on other systems than Linux, kernels
start as they always do.
"""
