# libyaml (Debian: libyaml-dev), as the target PueueYaml::yaml. The archive is preferred: the client's start-up time is
# a feature, and each shared library costs some of it.
find_path(PueueYaml_INCLUDE_DIR yaml.h)
find_library(PueueYaml_LIBRARY NAMES libyaml.a yaml)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PueueYaml REQUIRED_VARS PueueYaml_LIBRARY PueueYaml_INCLUDE_DIR)
if(PueueYaml_FOUND AND NOT TARGET PueueYaml::yaml)
  add_library(PueueYaml::yaml UNKNOWN IMPORTED)
  set_target_properties(PueueYaml::yaml PROPERTIES IMPORTED_LOCATION "${PueueYaml_LIBRARY}"
                                                   INTERFACE_INCLUDE_DIRECTORIES "${PueueYaml_INCLUDE_DIR}")
endif()
mark_as_advanced(PueueYaml_INCLUDE_DIR PueueYaml_LIBRARY)
