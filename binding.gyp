# The addon as developers and prebuildify build it. Not published: a binding.gyp in a package's root makes npm compile
# on install; `procloom-build` writes these lines into its own copy of the sources instead.
{
  'includes': ['native/toolchain/procloom.gypi'],
  'targets': [{ 'target_name': 'procloom' }],
}
