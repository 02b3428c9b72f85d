"""More than one of everything: the product as it runs on many machines, on loopback ports of this one."""
