# How every target of the project is declared: one folder, one library, the same flags everywhere.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(prometheus-cpp REQUIRED)
# cpp-httplib goes through pkg-config: its header without the macros given there crashes.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

add_library(fracas_flags INTERFACE)
target_include_directories(fracas_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(fracas_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror)
# Programs load only the libraries they use.
target_link_options(fracas_flags INTERFACE -Wl,--as-needed)
if(FRACAS_FUZZ)  # clang is there for its fuzzer; the warnings that must be clean are those of GCC
  target_compile_options(fracas_flags INTERFACE -Wno-error)
endif()
if(FRACAS_SANITIZE)
  target_compile_options(fracas_flags INTERFACE -fsanitize=${FRACAS_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(fracas_flags INTERFACE -fsanitize=${FRACAS_SANITIZE})
endif()

# fracas_library(NAME FOLDER [LINK target...]): a static library of all sources directly inside FOLDER.
function(fracas_library name folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PRIVATE fracas_flags PUBLIC ${ARG_LINK})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_LINK})
  endif()
endfunction()

# fracas_program(NAME SOURCE [LINK target...]): a binary in build/PRESET/bin.
function(fracas_program name source)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE fracas_flags ${ARG_LINK})
endfunction()
