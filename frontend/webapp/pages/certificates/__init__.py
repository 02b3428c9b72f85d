"""电子证照: the wallet, one certificate, showing it, correcting it, and the office's desk."""
