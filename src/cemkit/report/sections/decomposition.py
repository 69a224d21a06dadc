def build(context): return None
