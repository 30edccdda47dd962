#include <cerrno>

#include "lib/os/netlink.h"
#include "tests/catch/catch.h"
#include "tests/kernel/net_rights.h"

using fracas::os::NetNamespace;
using fracas::os::RouteSocket;
using fracas::os::VethEnd;

TEST_CASE("netlink: a veth pair has its ends in two namespaces, and deleting one deletes both", "[kernel][os]") {
  FRACAS_NEEDS_NET_RIGHTS();
  auto left = NetNamespace::create();
  auto right = NetNamespace::create();
  REQUIRE((left && right));
  auto left_socket = RouteSocket::open_in(*left);
  auto right_socket = RouteSocket::open_in(*right);
  REQUIRE((left_socket && right_socket));
  REQUIRE(left_socket->create_veth(VethEnd{"one", nullptr}, VethEnd{"two", &*right}));
  REQUIRE(fracas::os::silence_ipv6(*right, "two"));
  REQUIRE(right_socket->add_address("two", "10.9.0.2/24"));
  REQUIRE(right_socket->add_address("two", "fd09::2/64"));
  REQUIRE(right_socket->set_mtu("two", 9000));
  REQUIRE(right_socket->set_up("two"));
  auto two = right_socket->link("two");
  REQUIRE(two);
  CHECK(two->kind == "veth");
  CHECK(two->up);
  CHECK(two->mtu == 9000);
  REQUIRE(left_socket->delete_link("one"));
  REQUIRE(left_socket->delete_link("one"));  // a missing one is no error
  auto gone = right_socket->link("two");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ENODEV);
}

TEST_CASE("netlink: a bridge takes ports and a taken name is refused", "[kernel][os]") {
  FRACAS_NEEDS_NET_RIGHTS();
  auto netns = NetNamespace::create();
  REQUIRE(netns);
  auto socket = RouteSocket::open_in(*netns);
  REQUIRE(socket);
  REQUIRE(socket->create_bridge("br"));
  REQUIRE(socket->create_veth(VethEnd{"port", nullptr}, VethEnd{"host", nullptr}));
  REQUIRE(socket->set_master("port", "br"));
  REQUIRE(socket->set_up("br"));
  REQUIRE(socket->set_up("port"));
  auto again = socket->create_bridge("br");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == EEXIST);
  auto links = socket->links();
  REQUIRE(links);
  CHECK(links->size() == 4);
  auto missing = socket->set_up("nobody");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ENODEV);
  CHECK(missing.error().message == "set up: interface nobody: No such device");
}

TEST_CASE("netlink: two listings of an unchanged namespace are equal", "[kernel][os]") {
  FRACAS_NEEDS_NET_RIGHTS();
  auto netns = NetNamespace::create();
  REQUIRE(netns);
  auto socket = RouteSocket::open_in(*netns);
  REQUIRE(socket);
  REQUIRE(socket->create_veth(VethEnd{"a", nullptr}, VethEnd{"b", nullptr}));
  REQUIRE(socket->set_up("a"));
  REQUIRE(socket->set_up("b"));
  auto first = socket->qdiscs();
  auto second = socket->qdiscs();
  REQUIRE((first && second));
  CHECK_FALSE(first->empty());
  CHECK(*first == *second);
  auto filters = socket->filters(socket->link("a")->index);
  REQUIRE(filters);
  CHECK(filters->empty());
}
