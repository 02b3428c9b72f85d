"""One module per page (or ``pages/<noun>/….py``); importing it declares it."""
