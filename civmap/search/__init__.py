"""Finding anything of the city by what people type: names, codes, addresses, pinyin."""
