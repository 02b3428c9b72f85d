"""The kernel: mechanism only. It knows no citizen's business; capabilities and mini-apps stand on it."""
