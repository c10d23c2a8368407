#include <catch2/catch.hpp>
#include "design_samples.hpp"
using namespace pgwright::core;
using namespace pgwright::core::sample;
#include <iostream>
TEST_CASE("scratch", "[alter]") {
    auto show=[](const Migration& m){ std::cout<<"----------- "<<operations(m)<<"\n"<<m.up_script()<<"--- down\n"<<m.down_script(); for(auto&c:m.changes){for(auto&p:c.probes)std::cout<<"-- probe "<<c.operation<<" "<<int(p.kind)<<"\n"<<p.sql<<";\n";for(auto&p:c.down_probes)std::cout<<"-- down probe "<<c.operation<<" "<<int(p.kind)<<"\n"<<p.sql<<";\n";}};
    const Design a=design_of(R"({"name":"title","field_type":"string","is_required":true},{"name":"price","field_type":"currency","is_indexed":true},{"name":"n","field_type":"text"})");
    CHECK(alter(a,a).changes.empty());
    show(alter(a,design_of(R"({"name":"title","field_type":"string","is_required":true},{"name":"price","field_type":"currency","is_indexed":true},{"name":"n","field_type":"text"},{"name":"x","field_type":"string"})")));
    show(alter(a,design_of(R"({"name":"price","field_type":"string","is_required":true},{"name":"title","field_type":"currency","is_indexed":true},{"name":"n","field_type":"integer"})",{{"price","title"},{"title","price"}})));
}
