"""A Telegram on your desk: see `bot.desk.desk`."""
