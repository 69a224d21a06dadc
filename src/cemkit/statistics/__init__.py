"""Pure statistics: numpy in, numpy out; they know no frames and no domain."""
