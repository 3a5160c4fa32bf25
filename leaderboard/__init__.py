"""Templates, styles and scripts of the leaderboard site."""
