-- The number belongs to a change that is merged on its own.
SELECT 1;
