"""What each organisation wants, holds, may have and is owed: the arithmetic of equal access."""
