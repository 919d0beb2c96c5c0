await import('./not-there.ts' as string);
