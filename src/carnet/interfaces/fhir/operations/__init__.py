"""Operations: what a professional's software asks for that is no plain reading or writing of a resource."""
