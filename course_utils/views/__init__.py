"""Pictures that move in the browser: what they hold (`pictures`), and what shows it (`widgets`, `views.js`)."""
