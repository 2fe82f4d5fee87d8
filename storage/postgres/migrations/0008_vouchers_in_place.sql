-- A voucher stays in its row: certificates and signatures do not compress, and
-- a row of their own costs more than it saves.
ALTER TABLE vouchers ALTER COLUMN voucher SET STORAGE EXTERNAL;
ALTER TABLE vouchers SET (toast_tuple_target = 8160);
