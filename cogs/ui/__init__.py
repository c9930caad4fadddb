"""What all cogs share: durable buttons, short-lived forms, replies, limits and cards."""
