create table stock (item text primary key, amount int not null check (amount >= 0));
create table orders (id serial primary key, item text not null references stock);
insert into stock values ('tea', 20), ('coffee', 5);
