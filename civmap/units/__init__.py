"""Units (责任单位): who can be made responsible, where they sit and what they are competent for."""
