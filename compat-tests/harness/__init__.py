"""What compat-tests and bench share: sandboxes, programs, scenarios, the wire."""
