"""The phone client of 海岸通: pages, their parts, and the only Python that calls the gateway over HTTP."""
