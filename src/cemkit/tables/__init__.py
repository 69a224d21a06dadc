"""Frames of any engine: binding, designs, counting, contracts, the store. The only importer of narwhals."""
