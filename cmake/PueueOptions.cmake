# How our own code is compiled: one interface target, and the two functions every folder uses.

add_library(pueue_options INTERFACE)
target_compile_features(pueue_options INTERFACE cxx_std_20)
target_include_directories(pueue_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
  pueue_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Wcast-align
            -Woverloaded-virtual
            -Wdouble-promotion
            -Wformat=2
            -Wimplicit-fallthrough
            -Wswitch-enum
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            $<$<CXX_COMPILER_ID:GNU>:-Wuseless-cast>
            # g++ 12 at -O2 takes the other alternatives of a moved std::variant for uninitialised members.
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
            $<$<BOOL:${PUEUE_WARNINGS_AS_ERRORS}>:-Werror>)

if(PUEUE_SANITIZE)
  # -fno-sanitize=function: clang's check misfires on coroutine frames.
  target_compile_options(
    pueue_options INTERFACE -fsanitize=${PUEUE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                            $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(pueue_options INTERFACE -fsanitize=${PUEUE_SANITIZE})
endif()

if(PUEUE_FUZZ)
  # Coverage everywhere; only the fuzz programs themselves are linked with libFuzzer.
  target_compile_options(pueue_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(pueue_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# pueue_library(NAME SOURCES a.cpp… LINKS target…): one static library per folder, sources listed by hand.
function(pueue_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE pueue_options)
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
endfunction()

# pueue_test(NAME SOURCES a_test.cpp… LINKS target…): one GoogleTest program per mirrored folder, one ctest entry per test case.
function(pueue_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/bin")
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} pueue_test_golden pueue_options GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
