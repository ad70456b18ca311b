-- meta has one name more: 'settled', an empty value. A hub that stops in order writes it, after it brought
-- mailbox.passed up to the highest number that any device was given; a hub that begins takes it away. A database
-- without it was cut off, and whatever is there may have been given out. No column changes; but a program that does not
-- know the name would leave it there while it gives out more, so it must not open this database.
SELECT 1;
