# cmake/assemble.cmake: the package as it is imported and shipped: Python files, room by room, and the module.
file(REMOVE_RECURSE ${TO})
file(COPY ${FROM}/ DESTINATION ${TO} FILES_MATCHING
  PATTERN "*.py" PATTERN "*.pyi" PATTERN "py.typed" PATTERN "__pycache__" EXCLUDE)
file(COPY ${MODULE} DESTINATION ${TO})
file(TOUCH ${TO}/.assembled)
