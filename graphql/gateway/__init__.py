"""The gateway: one schema from the manifests, one place that executes, one place that limits."""
