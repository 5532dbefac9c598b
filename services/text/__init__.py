"""Reading text that arrived dirty: what is cleaned, with the way back to the offsets as received. Used by several stages."""
