# Everything comes from Debian 12's packages; docs/decisions says why each was chosen.

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS system json)
find_package(Threads REQUIRED)
find_package(PueueYaml REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
