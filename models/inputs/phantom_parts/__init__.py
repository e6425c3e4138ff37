"""Parts of the chest phantom: projection of tissue, bones, vessels. numpy and scipy only."""
