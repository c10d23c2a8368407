\set n random(0, 1900)
SELECT pgwright.list_records('customer', filters => json_build_object('joined_on', json_build_object('between', json_build_array(date '2020-01-01' + :n::int, date '2020-01-01' + :n::int + 60))),
    sort => 'joined_on', page_size => 25);
