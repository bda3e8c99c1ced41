"""Three languages: the sentences, the catalogues, and how both reach their reader."""
