# Everything comes from Debian 12's packages; docs/decisions says why each was chosen.

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS system json)
find_package(Threads REQUIRED)
find_package(PueueYaml REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(Snappy REQUIRED)

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# Asio as a library of its own, so that its implementation is compiled once and not in every file.
add_library(pueue_asio STATIC "${PROJECT_SOURCE_DIR}/cmake/asio.cpp")
set_target_properties(pueue_asio PROPERTIES CXX_EXTENSIONS OFF)
target_compile_features(pueue_asio PUBLIC cxx_std_20)
target_compile_definitions(pueue_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(pueue_asio PUBLIC Boost::system Threads::Threads)
if(PUEUE_SANITIZE)
  target_compile_options(pueue_asio PRIVATE -fsanitize=${PUEUE_SANITIZE})
endif()
