"""Pure statistics: numpy in, numpy out."""
