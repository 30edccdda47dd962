#pragma once
#include <memory>
#include <utility>

// std::shared_ptr and its kin for what one thread alone ever touches: counted without atomic instructions, of which a
// simulated message would take a dozen. Source: the libstdc++ manual, chapter "Memory", "shared_ptr", lock policies.
namespace fracas::sim {

template <typename Type>
using Local = std::__shared_ptr<Type, __gnu_cxx::_S_single>;
template <typename Type>
using LocalWeak = std::__weak_ptr<Type, __gnu_cxx::_S_single>;
// The base of a type that hands out pointers to itself, by weak_from_this().
template <typename Type>
using FromLocal = std::__enable_shared_from_this<Type, __gnu_cxx::_S_single>;

template <typename Type, typename... Arguments>
Local<Type> make_local(Arguments&&... arguments) {
  return std::__make_shared<Type, __gnu_cxx::_S_single>(std::forward<Arguments>(arguments)...);
}

}  // namespace fracas::sim
